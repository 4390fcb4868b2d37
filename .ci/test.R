# Runs the tests with the installed package and closes with the counts.
#
#   Rscript .ci/test.R [FILTER]
#
# Counts what testthat's own summary counts: expectations that passed, those that
# failed with the errors, and skips.

CountReporter <- R6::R6Class("CountReporter",
  inherit = testthat::Reporter,
  public = list(
    count = c(success = 0L, failure = 0L, error = 0L, skip = 0L, warning = 0L),
    warnings = character(),
    file = "",

    initialize = function(...) {
      super$initialize(...)
      self$capabilities$parallel_support <- TRUE
    },
    start_file = function(filename) self$file <- filename,
    add_result = function(context, test, result) {
      kind <- sub("^expectation_", "", class(result)[[1L]])
      self$count[[kind]] <- self$count[[kind]] + 1L
      if (kind == "warning") {
        line <- paste0(self$file, ": ", test, ": ", conditionMessage(result))
        self$warnings <- c(self$warnings, line)
      }
    }
  )
)

main <- function(filter) {
  Sys.setenv(NOT_CRAN = "true", TESTTHAT_MAX_FAILS = "Inf")
  counter <- CountReporter$new()
  progress <- testthat::ProgressReporter$new(show_praise = FALSE, update_interval = Inf)
  reporter <- testthat::MultiReporter$new(reporters = list(progress, counter))
  abort_reason <- run_tests(reporter, filter)
  print_warnings(counter$warnings)
  close_with_counts(counter$count, abort_reason)
}

# Returns why the run broke off, NULL if it did not.
run_tests <- function(reporter, filter) {
  package <- read.dcf("DESCRIPTION", "Package")[[1L]]
  tryCatch(
    withCallingHandlers(
      {
        testthat::test_dir("tests/testthat", filter = filter, reporter = reporter,
                           package = package, load_package = "installed",
                           stop_on_failure = FALSE)
        NULL
      },
      message = muffle_shared_classes
    ),
    error = conditionMessage
  )
}

# Rmpfr and Matrix have classes of one name, and methods says so whenever it meets one.
muffle_shared_classes <- function(message) {
  is_of_methods <- "^(Found more than one class|Also defined by)"
  if (grepl(is_of_methods, conditionMessage(message))) invokeRestart("muffleMessage")
}

print_warnings <- function(warnings) {
  if (length(warnings) == 0L) return(invisible())
  cat("\nWarnings (", length(warnings), "):\n", paste0("  ", warnings, "\n"), sep = "")
}

close_with_counts <- function(count, abort_reason) {
  if (!is.null(abort_reason)) cat("\nThe tests broke off: ", abort_reason, "\n", sep = "")
  failed <- count[["failure"]] + count[["error"]] + !is.null(abort_reason)
  cat("\n", count[["success"]], " passed, ", failed, " failed, ", count[["skip"]],
      " skipped\n", sep = "")
  quit(save = "no", status = as.integer(failed > 0L))
}

filter <- commandArgs(trailingOnly = TRUE)
main(if (length(filter) > 0L) filter[[1L]])
