"""Loss of a model on the sentences: nats per predicted token, and in units that do not depend on the tokenizer."""

import numpy as np
import pandas as pd

from readalike.corpus import Corpus
from readalike.files.attention import Attention
from readalike.files.contracts.attention import LOSS


def loss(attention: Attention, corpus: Corpus) -> pd.DataFrame:
    """One row a condition. All are nats over the predicted tokens of the sentence itself, prefix left out.

    `loss_per_token` is pooled over sentences, `loss_mean_of_sentences` the mean of sentence means; `loss_per_word` and
    `loss_per_character` (words joined by one space, spaces counted) can be compared between tokenizers.
    `loss_per_token_squared`, the mean over sentences of nats per token over tokens, is a guess at the unit of the
    paper's Table 1, whose normalisation is not released.
    """
    characters = sum(len(item.text) for item in corpus.sentences)
    rows = []
    if not attention.has_loss:
        # Imported attention comes without: the row keeps the size of the model, its losses stay empty.
        parameters = float(attention.attributes["parameters"])
        return pd.DataFrame(
            [{"model": attention.model, "parameters": parameters, "condition": name} for name in attention.conditions],
            columns=[name for name in LOSS.names if name != "corpus"],
        )
    for condition in attention.conditions:
        nats, tokens = attention.loss(condition), attention.tokens(condition)
        predicted = tokens > 0
        per_sentence = nats[predicted] / tokens[predicted]
        rows.append(
            {
                "model": attention.model,
                "parameters": int(attention.attributes["parameters"]),
                "condition": condition,
                "tokens": int(tokens.sum()),
                "loss_per_token": nats.sum() / tokens.sum(),
                "loss_mean_of_sentences": np.mean(per_sentence),
                "loss_per_word": nats.sum() / corpus.n_words,
                "loss_per_character": nats.sum() / characters,
                "loss_per_token_squared": np.mean(per_sentence / tokens[predicted]),
                "first_token_predicted": bool(attention.attributes["first_token_predicted"]),
            }
        )
    return pd.DataFrame(rows)
