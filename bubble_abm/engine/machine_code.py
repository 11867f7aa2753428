"""Where machine code is kept: in a folder for this state of the sources, and nowhere else.

Numba's own cache goes by the date of one file, and its folder is a setting of the whole process: two threads that
compile at once would leave machine code beside the sources, where an edit of another file does not make it stale. So a
cache is given to each root by itself.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

from bubble_abm.engine.sources import PACKAGE, source_hash

LEAKED = ("*.nbi", "*.nbc")  # names of Numba's files
NEWEST_KNOWN = (0, 68)  # version of Numba with which :func:`compilers` has been tried


def keep(root: Any, folder: Path) -> Any:
    """Give a function that Numba is to compile a cache in a folder, and return it.

    Parameters
    ----------
    root : numba dispatcher
        The function, not compiled yet.
    folder : Path
        Folder of this state of the sources, so that nothing in it is ever stale.
    """
    from numba.core import caching

    numbas: Any = caching

    class Locator(numbas._CacheLocator):
        def get_cache_path(self) -> str:
            return str(folder)

        def get_source_stamp(self) -> str:
            return folder.name

        def get_disambiguator(self) -> str:
            return "root"

        @classmethod
        def from_function(cls, function: Any, file: str) -> Any:
            return cls()

    class Kept(numbas.CompileResultCacheImpl):
        _locator_classes = [Locator]  # noqa: RUF012 - as Numba declares it

    class Cache(numbas.FunctionCache):
        _impl_class = Kept

    root._cache = Cache(root.py_func)
    return root


def compilers() -> tuple[Any, Any] | None:
    """Return compilers of a root, and of functions that only other compiled functions call; None if Numba is unknown.

    Notes
    -----
    Numba links every function with all that it calls, optimises them together and makes machine code of them, and does
    all of it again for each of its callers. Here functions are only listed until the root is complete, which is linked
    with all of them and optimised once: half of the time to compile. This relies on classes that Numba does not promise
    to keep, and so on versions with which it has been tried.
    """
    import numba

    if numba.version_info.short > NEWEST_KNOWN:
        return None
    from numba.core import codegen, compiler

    library: Any = codegen.JITCodeLibrary

    class Homeless:
        """A code generator that gives a function's environment no address, as no machine code looks it up."""

        def __init__(self, whole: Any) -> None:
            self.whole = whole

        def set_env(self, name: str, environment: Any) -> None:
            """Do nothing."""

        def __getattr__(self, name: str) -> Any:
            return getattr(self.whole, name)

    class Part(library):
        """Code of one function, which waits to be linked with the rest."""

        @property
        def codegen(self) -> Any:
            return Homeless(self._codegen)

        def finalize(self) -> None:
            self._raise_if_finalized()
            self._finalize_dynamic_globals()
            self._finalized = True

        def get_pointer_to_function(self, name: str) -> int:
            return 0

    class Whole(library):
        """Code of a root, linked with all that it calls, and that these call in turn."""

        def add_linking_library(self, library: Any) -> None:
            if library in self._linking_libraries:
                return
            super().add_linking_library(library)
            if isinstance(library, Part):
                for called in library._linking_libraries:
                    self.add_linking_library(called)

        def _optimize_final_module(self) -> None:
            super()._optimize_final_module()
            super()._optimize_final_module()  # what is inlined last has not been simplified yet

    def with_library(kind: Any) -> Any:
        class Compiler(compiler.Compiler):
            """Numba's compiler, with another kind of library."""

            def define_pipelines(self) -> Any:
                self.state.library = kind(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
                self.state.library.enable_object_caching()
                return super().define_pipelines()

        return Compiler

    return with_library(Whole), with_library(Part)


def cache_folder(key: str = "") -> Path:
    """Folder for machine code: one per state of the sources, below the user's cache folder or a private one.

    Parameters
    ----------
    key : str
        What the code depends on besides the sources, which has a folder of its own; empty for the standard month.

    Raises
    ------
    OSError
        If there is no folder that can be written to and belongs to nobody else.
    """
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    for parent in (lambda: Path(base) / "bubble_abm", private_folder):  # the second is made only if it is needed
        folder = parent() / "-".join(filter(None, (source_hash(), key)))
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder
    raise OSError("no writable folder for machine code: set NUMBA_CACHE_DIR to one")


def private_folder() -> Path:
    """Folder in the shared temporary one that nobody else can write to; one that others planted is passed over."""
    folder = Path(tempfile.gettempdir()) / f"bubble_abm-{os.getuid() if hasattr(os, 'getuid') else 'cache'}"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
    about = folder.lstat() if folder.exists() else None
    mine = about is not None and not folder.is_symlink() and (not hasattr(os, "getuid") or about.st_uid == os.getuid())
    if about is None or not mine or about.st_mode & 0o022:
        return Path(tempfile.mkdtemp(prefix="bubble_abm-"))
    return folder


def remove_leaked() -> None:
    """Remove machine code that earlier versions left beside the sources."""
    for pattern in LEAKED:
        for path in PACKAGE.rglob(pattern):
            with contextlib.suppress(OSError):
                path.unlink()
