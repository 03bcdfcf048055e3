"""What it saves to run demonstrations once for all items: CPU seconds of a bundled model, against prompt by prompt.

python -m tests.benchmarks.incontext
"""

import argparse
import time
from collections.abc import Callable

from readalike.attention.extract import set_arithmetic
from readalike.incontext.answers import Answers, ask
from readalike.incontext.asking import Prompts, Settings, prompts_of
from readalike.incontext.prompts import LABELS
from readalike.incontext.task import read_task
from readalike.weights.description import read_config, read_tokenizer
from readalike.weights.tensors import Checkpoint
from tests.conftest import ROOT

# 16 demonstrations of about 20 words: a prompt is a dozen times as long as what is asked.
SETTINGS: Settings = {"items": 40, "demonstrations": 16, "sets": 1, "templates": 1, "noises": [LABELS], "rates": [0.5]}
# Below this the machinery is broken, and not the machine slow.
FLOOR = 5.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="large-3m", help="a bundled model")
    arguments = parser.parse_args()
    checkpoint = Checkpoint(ROOT / "resources" / "models" / arguments.model)
    task = read_task(ROOT / "resources" / "incontext" / "subjectivity.tsv", "subjectivity")
    found = prompts_of(
        read_tokenizer(checkpoint), task, (), SETTINGS, start_token=None, seed=1, model_name=arguments.model
    )
    # Without the prompts that have no demonstrations, which share next to nothing.
    asked = [one for one in found.asked if one.condition == 0]
    layers = int(read_config(checkpoint).get_text_config().num_hidden_layers)
    set_arithmetic(1)

    def run(*, shared: bool) -> Callable[[], Answers]:
        return lambda: ask(
            checkpoint, asked, model_name=arguments.model, blocks=[(0, layers - 1)], dtype="float32",
            token_budget=2048 if shared else 1, threads=1, share_demonstrations=shared, device="cpu",
        )  # fmt: skip

    seconds = {shared: cpu_seconds(run(shared=shared)) for shared in (True, False)}
    ratio = seconds[False] / seconds[True]
    print(f"{arguments.model}, {len(asked)} prompts of {SETTINGS['demonstrations']} demonstrations, {tokens(found)}")
    print(f"prompt by prompt {seconds[False]:.1f} s, demonstrations once {seconds[True]:.1f} s: {ratio:.1f} times")
    if ratio < FLOOR:
        raise SystemExit(f"less than {FLOOR} times: demonstrations are not shared as they should be")


def tokens(found: Prompts) -> str:
    first = found.asked[0].encoded
    return f"the first of {len(first.ids)} tokens, {len(first.ids) - first.own} of them asked"


def cpu_seconds(work: Callable[[], object]) -> float:
    """The least of two: of the process, since others may use the machine."""
    spent = []
    for _ in range(2):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return min(spent)


if __name__ == "__main__":
    main()
