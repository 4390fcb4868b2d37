# Prints the share of R lines that some tests run, without compiling anything for it: the installed objects serve again. C++ is
# measured by coverage.R, which takes long. What other processes run is not seen.
#
#   Rscript .ci/coverage-r.R [FILTER]

library_path <- file.path("build", "coverage-r")

install_with_lines <- function() {
  unlink(library_path, recursive = TRUE)
  dir.create(library_path, recursive = TRUE)
  arguments <- c("CMD", "INSTALL", "--with-keep.source", "--no-docs", "--no-test-load", paste0("--library=", library_path),
                 file.path("build", "glmpp"))
  system2(file.path(R.home("bin"), "R"), arguments, stdout = FALSE, stderr = FALSE) == 0
}

# A file that runs the tests: what covr takes.
tests_as_file <- function(filter) {
  call <- bquote(testthat::test_dir(.(normalizePath("tests/testthat")), package = "glmpp", load_package = "installed",
                                    reporter = "check", stop_on_failure = FALSE, filter = .(filter)))
  file <- tempfile(fileext = ".R")
  writeLines(c("Sys.setenv(NOT_CRAN = \"true\")", deparse(call, width.cutoff = 500L)), file)
  file
}

print_share <- function(coverage) {
  lines <- covr::tally_coverage(coverage, by = "line")
  lines <- stats::aggregate(list(value = lines$value), lines[c("filename", "line")], max)
  lines <- lines[basename(lines$filename) != "RcppExports.R", ]
  shares <- sort(tapply(lines$value > 0, basename(lines$filename), mean))
  cat(sprintf("%6.1f %%  %s\n", 100 * shares, names(shares)), sep = "")
  cat(sprintf("R: %.1f %% of %d lines\n", 100 * mean(lines$value > 0), nrow(lines)))
}

main <- function(filter) {
  if (!requireNamespace("covr", quietly = TRUE)) return(cat("Skipped: covr is not installed.\n"))
  if (!install_with_lines()) return(cat("Skipped: the installed package could not be installed once more.\n"))
  .libPaths(c(library_path, .libPaths()))
  loadNamespace("glmpp", lib.loc = library_path)
  print_share(covr::environment_coverage(asNamespace("glmpp"), tests_as_file(filter)))
}

filter <- commandArgs(trailingOnly = TRUE)
main(if (length(filter) > 0L) filter[[1L]])
