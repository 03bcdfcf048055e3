"""Figures: one function each, from tables to a drawing and the frame that it draws."""
