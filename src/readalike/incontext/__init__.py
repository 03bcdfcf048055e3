"""In-context learning and scale in two settings that can be solved: linear regression and sparse parity.

docs/in-context.md derives every formula. Only `trained_regression` and `trained_parity` import torch.
"""
