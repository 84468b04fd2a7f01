"""Module paths of the v0.2.0 document that hand on to where things live."""
