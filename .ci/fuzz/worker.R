# Runs the cases of some seeds. Each line of the log is flushed before its case runs, so that it tells
# of the case in which a process died.
#
#   Rscript .ci/fuzz/worker.R LOG FIRST COUNT

source(".ci/fuzz/entries.R")
source(".ci/fuzz/models.R")

# An odd seed is a model, an even one a call of an entry point.
run_case <- function(seed) if (seed %% 2 == 1) run_model_case(seed) else run_entry_case(seed)

main <- function(log, first, count) {
  suppressPackageStartupMessages(library(glmpp))
  say <- function(...) cat(..., "\n", sep = " ", file = log, append = TRUE)
  for (seed in first + seq_len(count) - 1) {
    say("start", seed)
    outcome <- tryCatch(run_case(seed), error = function(e) {
      say("finding", seed, gsub("\n", " / ", paste0(if (!inherits(e, "fuzz_finding")) "error of the case: ", conditionMessage(e))))
      NULL
    })
    if (!is.null(outcome)) say("done", seed, outcome)
  }
}

if (sys.nframe() == 0L) {
  arguments <- commandArgs(trailingOnly = TRUE)
  main(arguments[1L], as.numeric(arguments[2L]), as.numeric(arguments[3L]))
}
