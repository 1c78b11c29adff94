"""A class of made-up students, for the tests of the grader, its demo and its benchmark. It quotes solutions: never published."""
