"""TFLite files: conversion, quantization, metadata."""
