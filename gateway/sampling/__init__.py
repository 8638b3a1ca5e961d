"""Samples out of readings, as each characteristic says. Pure."""

from gateway.sampling.beside import Beside, BesideState
from gateway.sampling.running import Running, RunningState
from gateway.sampling.sampler import Sampler, SamplerState
from gateway.sampling.samples import Samples

__all__ = ["Beside", "BesideState", "Running", "RunningState", "Sampler", "SamplerState", "Samples"]
