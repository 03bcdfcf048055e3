"""In-context learning and scale: linear regression and sparse parity, which can be solved, and models that are asked.

docs/in-context.md derives every formula. `trained_regression`, `trained_parity`, `context_attention`, `answers` and
`asking` import torch.
"""
