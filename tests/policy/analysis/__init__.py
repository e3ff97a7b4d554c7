"""Tests of the analysis of source code."""
