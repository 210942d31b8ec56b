"""Users' own cases beside their policy: what each of them proposes, and what must be decided."""
