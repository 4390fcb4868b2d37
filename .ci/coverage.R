# Prints the share of lines that the tests run, for each file, for R and for C++.
#
#   Rscript .ci/coverage.R [FILTER]
#
# Fails when R or C++ is below `least_percent`. A line of a kernel that is compiled for several
# instruction sets counts as run when one of them ran it.

least_percent <- 90
folder <- file.path("build", "coverage")
generated <- c("R/RcppExports.R", "src/RcppExports.cpp")

# Optimised a little, or the tests take too long; atomic, since passes run on several threads.
flags <- c(CXX17FLAGS = "-g -Og --coverage -fprofile-update=atomic", SHLIB_LIBADD = "--coverage",
           LDFLAGS = "--coverage")

measure <- function(filter) {
  unlink(folder, recursive = TRUE)
  copy_sources(file.path(folder, "glmpp"))
  dir.create(file.path(folder, "library"))
  old <- options(covr.flags = flags, covr.gcov = Sys.which("gcov"))
  on.exit(options(old))
  covr::package_coverage(file.path(folder, "glmpp"), type = "none", code = test_code(filter), clean = FALSE,
                         install_path = file.path(normalizePath(folder), "library"))
}

# covr compiles where the sources are: here, in a copy.
copy_sources <- function(to) {
  dir.create(to, recursive = TRUE)
  file.copy(c("DESCRIPTION", "NAMESPACE", "R", "src", "inst"), to, recursive = TRUE)
  unlink(list.files(to, "\\.(o|so)$", recursive = TRUE, full.names = TRUE))
}

test_code <- function(filter) {
  arguments <- list(normalizePath("tests/testthat"), package = "glmpp", load_package = "installed",
                    reporter = "check", stop_on_failure = FALSE, filter = filter)
  call <- as.call(c(quote(testthat::test_dir), arguments))
  log <- file.path(normalizePath(folder), "tests.log")
  c("Sys.setenv(NOT_CRAN = \"true\")", sprintf("sink(%s)", deparse(log)), deparse(call, width.cutoff = 500L), "sink()",
    drop_broken_traces())
}

# Some tests kill processes, which leave half of a file of counts behind.
drop_broken_traces <- function() {
  traces <- call("list.files", normalizePath(file.path(folder, "library")), "^covr_trace_", full.names = TRUE)
  deparse(bquote(for (trace in .(traces)) tryCatch(readRDS(trace), error = function(e) unlink(trace))), width.cutoff = 500L)
}

# One row for each line that could run.
line_table <- function(coverage) {
  lines <- covr::tally_coverage(coverage, by = "line")
  lines <- lines[!lines$filename %in% generated, ]
  stats::aggregate(list(value = lines$value), lines[c("filename", "line")], max)
}

percent <- function(value) 100 * mean(value > 0)

print_files <- function(lines) {
  for (file in sort(unique(lines$filename))) {
    of_file <- lines[lines$filename == file, ]
    never <- of_file$line[of_file$value == 0]
    cat(sprintf("%6.1f %%  %-36s %s\n", percent(of_file$value), file, ranges(never)))
  }
}

# "3-5, 9"
ranges <- function(numbers) {
  numbers <- sort(numbers)
  run <- cumsum(c(1L, diff(numbers) != 1L))[seq_along(numbers)]
  text <- vapply(split(numbers, run), function(part) paste(unique(range(part)), collapse = "-"), "")
  paste(text, collapse = ", ")
}

main <- function(filter) {
  if (!requireNamespace("covr", quietly = TRUE) || !nzchar(Sys.which("gcov"))) {
    cat("Skipped: covr or gcov can't be had.\n")
    return(invisible())
  }
  lines <- line_table(measure(filter))
  cat("Lines that ran, and the numbers of those that did not:\n")
  print_files(lines)
  is_r <- grepl("^R/", lines$filename)
  totals <- c(R = percent(lines$value[is_r]), `C++` = percent(lines$value[!is_r]))
  counts <- c(sum(is_r), sum(!is_r))
  cat(sprintf("%s: %.1f %% of %d lines\n", names(totals), totals, counts), sep = "")
  if (is.null(filter) && any(totals < least_percent)) quit(save = "no", status = 1L)
}

filter <- commandArgs(trailingOnly = TRUE)
main(if (length(filter) > 0L) filter[[1L]])
