"""Plans Amazon SageMaker inference: which pattern a workload should run on, sized how, at what cost and latency, and
why.
"""
