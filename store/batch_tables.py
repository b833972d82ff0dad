"""Hosts, attempts and stages of batches; what is to be told to others."""
