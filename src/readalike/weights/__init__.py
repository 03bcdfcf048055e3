"""Where tensors come from: a wheel, a GGUF file, a local folder."""
