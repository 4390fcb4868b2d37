# Times glmpp and its peers on the workloads, and prints the table of the README:
#
#   Rscript bench/run.R [WORKLOAD...]
#
# Writes bench/results/latest.csv and latest.png when all workloads were run.

bench_folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
parts <- c("requirements", "workloads", "peers", "reference", "timing", "memory", "report", "plot")
for (part in parts) source(file.path(bench_folder, paste0(part, ".R")))

run_benchmarks <- function(names) {
  start <- Sys.time()
  adapters <- available_adapters()
  results <- list()
  lines <- list()
  for (name in names) {
    workload <- make_workload(name)
    results[[name]] <- measure_workload(workload, adapters)
    lines[[name]] <- table_lines(workload, results[[name]])
    print_results(workload, results[[name]])
  }
  results <- do.call(rbind, unname(results))
  lines <- do.call(rbind, unname(lines))
  cat("\n", machine_line(), "\n\n", sep = "")
  writeLines(markdown_table(lines))
  if (setequal(names, names(workload_makers))) write_results(results, adapters)
  cat(sprintf("\n%.1f minutes.\n", as.numeric(difftime(Sys.time(), start, units = "mins"))))
}

# Peers that aren't installed are named, and left out.
available_adapters <- function() {
  adapters <- read_adapters(file.path(bench_folder, "peers"))
  available <- vapply(adapters, function(adapter) adapter$available(), NA)
  if (!available[["glmpp"]]) stop("glmpp must be installed.", call. = FALSE)
  missing <- unique(vapply(adapters[!available], `[[`, "", "package"))
  if (length(missing)) cat("Not installed, and left out: ", paste(missing, collapse = ", "), ".\n", sep = "")
  adapters[available]
}

measure_workload <- function(workload, adapters) {
  timed <- time_interleaved(adapters_for(workload, adapters), workload)
  estimates <- attr(timed, "estimates")
  timed$times_glm <- seconds_of(timed, "glm") / timed$seconds
  timed <- cbind(timed, differences(workload, timed, estimates))
  timed$megabytes <- NA_real_
  for (fitter in workload$memory_of) {
    timed$megabytes[timed$fitter == fitter] <- megabytes_beyond_data(workload$name, fitter)
  }
  timed
}

# Of each fit to all rows, from the converged glm and from glmpp.
differences <- function(workload, timed, estimates) {
  own <- estimates[["glmpp"]]
  start <- if (is.null(own)) Find(Negate(is.null), estimates) else own
  reference <- converged_fit(workload, start$coefficients)
  of_fits <- function(measure, reference) {
    vapply(seq_along(estimates), function(i) {
      is_comparable <- !is.null(estimates[[i]]$coefficients) && timed$rows[i] == workload$rows
      if (is_comparable) measure(estimates[[i]], reference) else NA_real_
    }, 0)
  }
  data.frame(coefficient_difference = of_fits(coefficient_difference, reference),
             standard_error_difference = of_fits(standard_error_difference, reference),
             difference_from_glmpp = if (is.null(own)) NA_real_ else of_fits(coefficient_difference, own))
}

wanted <- commandArgs(trailingOnly = TRUE)
run_benchmarks(if (length(wanted)) wanted else names(workload_makers))
