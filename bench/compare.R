# Base against head: two installed versions on the same workloads, interleaved, each in a process of its own.
#
#   Rscript bench/compare.R BASE_LIBRARY HEAD_LIBRARY [WORKLOAD...]
#
# A library of another commit:
#
#   git worktree add ../base COMMIT && mkdir ../base-library && R CMD INSTALL --library=../base-library ../base

bench_folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))

compare <- function(libraries, names) {
  workers <- parallel::makePSOCKcluster(length(libraries))
  on.exit(parallel::stopCluster(workers))
  for (i in seq_along(libraries)) parallel::clusterCall(workers[i], start_worker, libraries[i], bench_folder)
  cat(sprintf("%-6s %12s %12s %12s   %s\n", "", "base", "head", "base / head", "largest difference"))
  for (name in names) print_comparison(name, compare_workload(workers, name))
}

# Runs in a worker.
start_worker <- function(library_path, folder) {
  bench_folder <<- normalizePath(folder)
  loadNamespace("glmpp", lib.loc = library_path)
  for (file in c("requirements.R", "workloads.R", "peers.R", "reference.R", "timing.R")) {
    sys.source(file.path(folder, file), globalenv())
  }
  adapter <<- read_adapters(file.path(folder, "peers"))[["glmpp"]]
  invisible()
}

compare_workload <- function(workers, name) {
  runs <- lapply(seq_along(workers), function(i) parallel::clusterCall(workers[i], start_run, name)[[1]])
  while (any(vapply(runs, `[[`, 0, "remaining") > 0)) {
    for (i in seq_along(workers)) runs[[i]] <- parallel::clusterCall(workers[i], continue_run)[[1]]
  }
  runs
}

# Both run in a worker, which keeps the data.
start_run <- function(name) {
  run <<- first_run(adapter, make_workload(name))
  run[c("seconds", "remaining", "estimates", "note")]
}

continue_run <- function() {
  run <<- next_run(run)
  run[c("seconds", "remaining", "estimates", "note")]
}

print_comparison <- function(name, runs) {
  seconds <- vapply(runs, function(run) if (length(run$seconds)) stats::median(run$seconds) else NA_real_, 0)
  difference <- if (anyNA(seconds)) NA_real_ else coefficient_difference(runs[[2]]$estimates, runs[[1]]$estimates)
  cat(sprintf("%-6s %12s %12s %12s   %s\n", name, seconds_text(seconds[1]), seconds_text(seconds[2]),
              ratio_text(seconds[1] / seconds[2]), formatC(difference, digits = 1, format = "e")))
  for (run in runs) if (!is.null(run$note)) cat("       ", run$note, "\n")
}

for (file in c("requirements.R", "workloads.R", "reference.R", "report.R")) source(file.path(bench_folder, file))
arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) < 2) stop("Usage: Rscript bench/compare.R BASE_LIBRARY HEAD_LIBRARY [WORKLOAD...]", call. = FALSE)
compare(normalizePath(arguments[1:2]), if (length(arguments) > 2) arguments[-(1:2)] else names(workload_makers))
