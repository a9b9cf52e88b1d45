"""Train on several machines of a Ray cluster: Ray starts the workers and sets their TF_CONFIG.

    pip install 'tfmatting[train]' 'ray[train]'
    python examples/ray_train.py --workers 2 --data /shared/people --output /shared/runs

Every machine sees `--data` and `--output` at the same paths. A worker that dies ends the attempt;
Ray starts all of them again, and `resume` goes on after the last complete epoch.
"""

import argparse
from pathlib import Path


def train_on_a_worker(options: dict) -> None:
    """What each worker does. Ray has set TF_CONFIG, which the strategy reads."""
    import tfmatting

    tfmatting.train(
        options["model"],
        recipe=options["recipe"],
        data=options["data"],
        batch_size=options["batch_size"],
        epochs=options["epochs"],
        output=options["output"],
        strategy="multi-worker",
        resume=True,  # begins a run where there is none
        report=print,
    )


def main() -> None:
    """Read the arguments and hand the work to Ray."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--gpu", action="store_true", help="one GPU a worker")
    parser.add_argument("--model", default="tnet")
    parser.add_argument("--recipe", default="mobile")
    parser.add_argument("--data", default="sample")
    parser.add_argument("--batch-size", type=int, default=16, help="of all workers together")
    parser.add_argument("--epochs", type=int, help="of each stage; the recipe's if omitted")
    parser.add_argument("--output", type=Path, default=Path("runs"))
    parser.add_argument("--retries", type=int, default=3)
    arguments = parser.parse_args()

    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.tensorflow import TensorflowTrainer

    output = arguments.output.absolute()
    trainer = TensorflowTrainer(
        train_on_a_worker,
        train_loop_config={
            "model": arguments.model,
            "recipe": arguments.recipe,
            "data": arguments.data,
            "batch_size": arguments.batch_size,
            "epochs": arguments.epochs,
            "output": str(output),
        },
        scaling_config=ScalingConfig(num_workers=arguments.workers, use_gpu=arguments.gpu),
        run_config=RunConfig(
            storage_path=str(output / "ray"),
            failure_config=FailureConfig(max_failures=arguments.retries),
        ),
    )
    trainer.fit()


if __name__ == "__main__":
    main()
