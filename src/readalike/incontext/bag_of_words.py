"""What counts of words know of a task: an accuracy to beat before a model's answers say anything of reading."""

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline

from readalike.incontext.task import Task

FOLDS = 10


def held_out_accuracy(task: Task) -> float:
    """Of a logistic regression on counts of words, folds with as many of each label; fewer where a label has few texts.

    NaN where some label has one text only.
    """
    texts, labels = [one.text for one in task.examples], [one.label for one in task.examples]
    folds = min(FOLDS, *(labels.count(label) for label in task.labels))
    if folds < 2:
        return float("nan")
    model = make_pipeline(CountVectorizer(), LogisticRegression(max_iter=2000))
    split = StratifiedKFold(folds, shuffle=True, random_state=0)
    return float(np.mean(cross_val_score(model, texts, labels, cv=split)))
