# The configuration: read strictly, checked, and what follows from it looked up, in EXPERIMENT; how jobs find the library.
import os
import sys
from pathlib import Path

from snakemake.common import get_appdirs
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

# Of this file and not of the Snakefile that was called, which may have this one as a module.
ROOT = Path(workflow.current_basedir).parents[1]
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE))

from readalike import (
    configuration,
    strict_yaml,
)  # noqa: E402  (found through the path above)
from readalike.errors import ReadalikeError  # noqa: E402
from readalike.experiment.experiment import experiment_of  # noqa: E402
from readalike.running import asked, folder, messages, progress, records  # noqa: E402

# What is wrong with a job stands last, once.
logger.addFilter(messages.LastWords())
shown = workflow.output_settings
if not (shown.dryrun or shown.verbose or shown.printshellcmds):
    progress.keep_brief(logger.handlers)

# Jobs find the library in this checkout, whatever environment they run in, and where no environment is activated for
# them, the interpreter that runs Snakemake: `.venv/bin/snakemake` needs no activated .venv. The revision goes into the
# record that each output has, and is no parameter: a commit that changes no code makes nothing again.
shell.prefix(asked.shell_prefix(SOURCE))
PYTHON = str(Path(sys.executable).parent)
os.environ.update(PATH=os.pathsep.join([PYTHON, *os.get_exec_path()]))
os.environ[records.REVISION] = asked.revision_of(ROOT)


try:
    # Before Snakemake reads it, which keeps the last of two equal keys and does not name a file in another encoding.
    for file in workflow.overwrite_configfiles or ["config.yaml"]:
        strict_yaml.read_strict(Path(file))
except ReadalikeError as error:
    raise WorkflowError(str(error)) from None


# A --configfile replaces the demo's configuration; without this guard Snakemake would merge the two.
if not workflow.overwrite_configfiles:

    configfile: "config.yaml"


CONFIGURED = Path((workflow.overwrite_configfiles or ["config.yaml"])[-1])
try:
    asked.require_plain_path(ROOT)
    EXPERIMENT, notices = experiment_of(
        configuration.with_results(config, CONFIGURED),
        ROOT,
        dry_run=asked.is_dry_run(sys.argv),
    )
    if workflow.is_main_process:
        folder.require_own(Path(EXPERIMENT.results), CONFIGURED)
except ReadalikeError as error:
    raise WorkflowError(str(error)) from None
for notice in notices:
    logger.warning(notice)
for own in asked.hidden_profiles(
    sys.argv,
    os.environ,
    [get_appdirs().user_config_dir, get_appdirs().site_config_dir],
):
    logger.warning(
        f"--profile slurm is this project's, workflow/profiles/slurm, and hides {own}; to use that one: --profile {own}"
    )


# A folder of results is of one configuration, and what a run leaves is all in it.
os.environ[records.RESULTS] = EXPERIMENT.results


pathvars:
    results=EXPERIMENT.results,
    logs=f"{EXPERIMENT.results}/logs",
    benchmarks=f"{EXPERIMENT.results}/benchmarks",


onstart:
    folder.claim(Path(EXPERIMENT.results), CONFIGURED)
    # This machine needs no limit on jobs a second. With one, Snakemake 9.27 looks for jobs to start a second after every
    # look while some wait, and each job that ends adds a series of such looks: with hundreds of jobs they take a core.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None
