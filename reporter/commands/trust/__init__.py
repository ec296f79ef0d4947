"""Whose word counts: the base branch's rules, who may override them, and what a stranger's run claims."""
