"""The claims this project rests on, each measured on a model small enough to train in minutes."""
