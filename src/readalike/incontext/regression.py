"""Linear regression read from a prompt by one linear attention head of rank r: losses, risks and crossings.

x ~ N(0, L), L diagonal with eigenvalues l_1 >= ... >= l_d; y = <w, x> + label noise; the head predicts f = x_q' U z,
with z = mean of y_i x_i over the demonstrations. U, the product of its value scale and its key-query block, has rank r:
that is the size of the model. Derived in docs/in-context.md. Squared errors have the unit of y^2.
"""

from dataclasses import dataclass

import numpy as np

from readalike.corpus import FloatArray


def second_moment(inputs: FloatArray, weights: FloatArray, examples: int, label_noise: float = 0.0) -> FloatArray:
    """E[z z'], (d, d): inputs ~ N(0, `inputs`), w ~ N(0, `weights`), z of `examples` demonstrations.

    label_noise : variance in their labels
    """
    signal = float(np.trace(inputs @ weights))
    whole = (1 + 1 / examples) * inputs @ weights @ inputs
    return np.asarray(whole + (signal + label_noise) / examples * inputs)


def population_loss(
    read: FloatArray, inputs: FloatArray, weights: FloatArray, examples: int, label_noise: float = 0.0
) -> float:
    """Expected squared error, noise of the answer left out, of any head `read` (the matrix U, (d, d))."""
    moment = second_moment(inputs, weights, examples, label_noise)
    fitted = np.trace(inputs @ read @ moment @ read.T)
    shared = np.trace(inputs @ read @ inputs @ weights)
    return float(fitted - 2 * shared + np.trace(inputs @ weights))


def best_of_rank(
    rank: int, inputs: FloatArray, weights: FloatArray, examples: int, label_noise: float = 0.0
) -> tuple[FloatArray, float]:
    """The head of rank at most `rank` with the lowest population loss, (d, d), and that loss.

    By the truncated singular value decomposition of L^(1/2) C L H^(-1/2), H the second moment of z (Eckart and Young).
    """
    root, inverse_root = _power(inputs, 0.5), _power(inputs, -0.5)
    whitener = _power(second_moment(inputs, weights, examples, label_noise), -0.5)
    left, singular, right = np.linalg.svd(root @ weights @ inputs @ whitener)
    kept = (left[:, :rank] * singular[:rank]) @ right[:rank]
    loss = np.trace(inputs @ weights) - np.sum(singular[:rank] ** 2)
    return inverse_root @ kept @ whitener, float(loss)


def _power(symmetric: FloatArray, exponent: float) -> FloatArray:
    values, vectors = np.linalg.eigh(symmetric)
    return np.asarray((vectors * values**exponent) @ vectors.T)


def diagonal_of_best(eigenvalues: FloatArray, examples: int, label_noise: float = 0.0) -> FloatArray:
    """u_i of the best head for w ~ N(0, I), (d,): one of rank r keeps the first r of them, and has 0 for the others."""
    return np.asarray(examples / ((examples + 1) * eigenvalues + eigenvalues.sum() + label_noise))


def pretraining_loss(eigenvalues: FloatArray, examples: int, rank: int, label_noise: float = 0.0) -> float:
    """Loss of the best head of a rank on prompts such as it was trained on, for w ~ N(0, I); it falls with the rank."""
    kept, left = eigenvalues[:rank], eigenvalues[rank:]
    noise = eigenvalues.sum() + label_noise
    return float(np.sum(kept * (kept + noise) / ((examples + 1) * kept + noise)) + left.sum())


@dataclass(frozen=True)
class Risk:
    """Parts of the expected squared error on prompts of another kind than those of the training; their sum is the risk.

    bias : of directions that are read, but shrunk; spread : because few demonstrations estimate a direction's own slope
    omission : of directions that are not read
    unmodelled : noise that the other directions' signal makes in z; labels : that of wrong labels; inputs : that of
        wrong inputs
    """

    bias: float
    spread: float
    omission: float
    unmodelled: float
    labels: float
    inputs: float

    @property
    def total(self) -> float:
        return self.bias + self.spread + self.omission + self.unmodelled + self.labels + self.inputs


def risk(
    eigenvalues: FloatArray,
    read: FloatArray,
    task: FloatArray,
    demonstrations: int,
    *,
    label_noise: float = 0.0,
    input_noise: FloatArray | float = 0.0,
) -> Risk:
    """Risk of a head on prompts with noise.

    read : its diagonal u, (d,), 0 where it does not read
    task : w_i^2, (d,), or ones for the mean over w ~ N(0, I)
    label_noise : variance in the labels shown
    input_noise : Q_ii, variances of what is added to the inputs shown, after their labels were made; one for all
    """
    kept = read * eigenvalues
    own = eigenvalues * task
    signal = own.sum()
    reading = read != 0
    strength = np.sum(kept**2) / demonstrations
    corrupted = np.sum(eigenvalues * read**2 * input_noise) / demonstrations
    return Risk(
        bias=float(np.sum((own * (1 - kept) ** 2)[reading])),
        spread=float(np.sum((own * kept**2)[reading]) / demonstrations),
        omission=float(np.sum(own[~reading])),
        unmodelled=float(strength * signal),
        labels=float(strength * label_noise),
        inputs=float(corrupted * (signal + label_noise)),
    )


def limit_of_long_pretraining(
    eigenvalues: FloatArray, rank: int, demonstrations: int, *, label_noise: float = 0.0, input_noise: float = 0.0
) -> float:
    """Risk, over w ~ N(0, I), of the best head of a rank that was trained on prompts of any length."""
    read = np.where(np.arange(len(eigenvalues)) < rank, 1 / eigenvalues, 0.0)
    ones = np.ones_like(eigenvalues)
    return risk(eigenvalues, read, ones, demonstrations, label_noise=label_noise, input_noise=input_noise).total


def label_crossings(eigenvalues: FloatArray, examples: float, demonstrations: int) -> FloatArray:
    """Noise in labels, (d,), below which rank r beats rank r - 1, over w ~ N(0, I); negative where it never does.

    examples : demonstrations in prompts of the training, infinite for the limit
    """
    share = 2 * demonstrations / examples
    return np.asarray((demonstrations - 1 + share) * eigenvalues + (share - 1) * eigenvalues.sum())


def label_crossing_of_task(
    eigenvalues: FloatArray, read: FloatArray, task: FloatArray, demonstrations: int
) -> FloatArray:
    """The same for one task, (d,): `read` the u_i of all directions, `task` the w_i^2. Not monotone in the rank."""
    own = task * (2 * demonstrations / read - (demonstrations + 1) * eigenvalues)
    return np.asarray(own - np.sum(eigenvalues * task))


def input_crossings(
    eigenvalues: FloatArray, examples: float, demonstrations: int, shape: FloatArray | float = 1.0
) -> FloatArray:
    """Noise in inputs, (d,), below which rank r beats rank r - 1 with right labels: c in Q = c * diag(`shape`).

    Noise q_r in a direction acts in it as label noise q_r / l_r * T does, so that of shape L all crossings are those of
    labels over T, and white noise cuts off small directions first.
    """
    own = label_crossings(eigenvalues, examples, demonstrations)
    return np.asarray(own * eigenvalues / (shape * eigenvalues.sum()))


def best_rank(eigenvalues: FloatArray, read: FloatArray, demonstrations: int, **noise: float) -> int:
    """The rank, 0 to d, of least risk over w ~ N(0, I); the smaller one of two alike.

    read : u_i of all directions; noise : as of `risk`
    """
    ones = np.ones_like(eigenvalues)
    risks = [
        risk(eigenvalues, np.where(np.arange(len(read)) < rank, read, 0.0), ones, demonstrations, **noise).total
        for rank in range(len(eigenvalues) + 1)
    ]
    return int(np.argmin(risks))
