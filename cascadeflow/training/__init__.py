"""Fitting the learned part of the gate to labelled answers; needs the extra ``train``.

The gate that is shipped was made here, and ``cascadeflow train`` makes a user's own with the same code.
"""
