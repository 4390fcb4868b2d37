# Interleaved timing: A B C A B C ..., each call after a gc(), so that whatever else the machine does
# meets all fits alike. The first round is a warm-up; fits slower than `slow` seconds count it and are
# repeated once, those slower than `very_slow` not at all; `short` ones are called several times.

most_repeats <- 5
short <- 0.1
slow <- 5
very_slow <- 20

# A data frame with a row for each adapter; the estimates of the first fits are an attribute.
time_interleaved <- function(adapters, workload) {
  runs <- lapply(adapters, first_run, workload)
  while (any(vapply(runs, `[[`, 0, "remaining") > 0)) runs <- lapply(runs, next_run)
  structure(do.call(rbind, lapply(runs, describe_run)), row.names = seq_along(runs),
            estimates = lapply(runs, `[[`, "estimates"))
}

first_run <- function(adapter, workload) {
  workload <- workload_for(adapter, workload)
  if (adapter$interface == "matrix") design_matrix(workload, adapter$sparse)
  run <- list(adapter = adapter, workload = workload, seconds = numeric(), calls = 1, remaining = 0)
  tryCatch({
    first <- time_calls(adapter, workload, calls = 1)
    if (first$seconds < short) first <- time_calls(adapter, workload, calls = 10)
    run$estimates <- adapter$estimates(first$fit)
    if (first$seconds >= slow) run$seconds <- first$seconds
    run$calls <- max(1, round(short / first$seconds))
    run$remaining <- if (first$seconds < slow) most_repeats else as.numeric(first$seconds < very_slow)
    run
  }, error = function(condition) c(run, note = paste("failed:", conditionMessage(condition))))
}

next_run <- function(run) {
  if (run$remaining == 0) return(run)
  run$seconds <- c(run$seconds, time_calls(run$adapter, run$workload, run$calls)$seconds)
  run$remaining <- run$remaining - 1
  run
}

# A kernel says itself how long it took.
time_calls <- function(adapter, workload, calls) {
  gc()
  start <- Sys.time()
  for (call in seq_len(calls)) fit <- suppressMessages(suppressWarnings(adapter$fit(workload)))
  elapsed <- as.numeric(difftime(Sys.time(), start, units = "secs")) / calls
  list(seconds = if (adapter$interface == "kernel") attr(fit, "seconds") else elapsed, fit = fit)
}

describe_run <- function(run) {
  data.frame(
    workload = run$workload$name, fitter = run$adapter$name, interface = run$adapter$interface,
    standard_errors = run$adapter$standard_errors, threads = run$adapter$threads, rows = as.integer(run$workload$rows),
    seconds = if (length(run$seconds)) stats::median(run$seconds) else NA_real_, repeats = length(run$seconds),
    note = if (is.null(run$note)) "" else run$note
  )
}
