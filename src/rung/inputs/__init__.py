"""The documents that a policy judges: what they may say, and how they are read.

Text becomes plain data (`json_text`, `yaml_text`), plain data becomes records (`validator`, by the
annotations in `proposal` and `facts`), and records become a request (`load`). What is wrong on the way
becomes diagnostics with places (`located`, `from_flaws`, `errors`).
"""
