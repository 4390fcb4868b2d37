# Parts that a test defines in C++, against the headers of the package's sources.

# In a clone the sources are above the tests; below an .Rcheck folder, in 00_pkg_src.
core_headers <- function() {
  places <- file.path(c("../../src", "../../../00_pkg_src/glmpp/src", "../../00_pkg_src/glmpp/src", "../00_pkg_src/glmpp/src"))
  found <- places[file.exists(file.path(places, "family", "row_model.h"))]
  if (length(found)) normalizePath(found[1])
}

# The functions that `code` exports, in an environment. What it uses of the headers must be in the headers: the
# package's own functions can't be linked to.
compile_against_core <- function(code) {
  skip_on_cran()
  headers <- core_headers()
  if (is.null(headers)) skip("the package's C++ sources are not beside the tests")
  if (!nzchar(Sys.which("make"))) skip("there is no make to compile by")
  old <- Sys.getenv("PKG_CPPFLAGS", NA)
  on.exit(if (is.na(old)) Sys.unsetenv("PKG_CPPFLAGS") else Sys.setenv(PKG_CPPFLAGS = old))
  Sys.setenv(PKG_CPPFLAGS = paste0("-I", shQuote(headers)))
  compiled <- new.env()
  tryCatch(Rcpp::sourceCpp(code = code, env = compiled, rebuild = TRUE), error = function(e) {
    if (has_compiler()) stop(e)
    skip("there is no C++17 compiler")
  })
  compiled
}

has_compiler <- function() {
  compiler <- tryCatch(system2(file.path(R.home("bin"), "R"), c("CMD", "config", "CXX17"), stdout = TRUE, stderr = FALSE),
                       error = function(e) "", warning = function(w) "")
  nzchar(Sys.which(sub(" .*", "", compiler[1])))
}
