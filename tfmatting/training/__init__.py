"""Training: recipes made of stages, run by one trainer that can be stopped and resumed."""
