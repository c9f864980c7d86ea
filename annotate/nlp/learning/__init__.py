"""Suggesters that learn from labels: sentence vectors, TF-IDF and surface features under a linear head."""
