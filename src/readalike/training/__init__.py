"""The bundled models: text of packages, a trigram to beat, instructions, the training loop, cards.

Used by scripts/project/train_bundled_models.py only; no stage of the workflow needs it.
"""
