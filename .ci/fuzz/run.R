# Fuzzes models and native entry points in child processes, and counts.
#
#   Rscript .ci/fuzz/run.R MINUTES SEED [MOST_CASES]
#   Rscript .ci/fuzz/run.R case NUMBER
#
# Case i of seed s is the number s * 1e6 + i; `case` runs one of them again, alone. A process that dies or
# hangs is a finding like any other. Ends with status 1 when there is a finding.

cases_per_process <- 100L
seconds_per_process <- 300L

run_process <- function(first, count) {
  log <- tempfile("fuzz")
  file.create(log)
  on.exit(unlink(log))
  output <- tempfile("output")
  on.exit(unlink(output), add = TRUE)
  rscript <- file.path(R.home("bin"), "Rscript")
  arguments <- c("--no-init-file", ".ci/fuzz/worker.R", shQuote(log), format(first, scientific = FALSE), count)
  status <- suppressWarnings(system2(rscript, arguments, stdout = output, stderr = output, timeout = seconds_per_process))
  lines <- strsplit(readLines(log, warn = FALSE), " ", fixed = TRUE)
  if (status != 0L) lines <- c(lines, list(died(lines, status, output)))
  lines
}

# The line for the case in which a process ended.
died <- function(lines, status, output) {
  if (!length(lines)) stop("The cases can't be run:\n", paste(readLines(output), collapse = "\n"), call. = FALSE)
  how <- if (status == 124L) "hangs" else c("kills the process:", utils::tail(readLines(output, warn = FALSE), 3L))
  c("finding", lines[[length(lines)]][2L], how)
}

field <- function(lines, kind, at) vapply(Filter(function(line) line[1L] == kind, lines), function(line) {
  paste(line[at:length(line)], collapse = " ")
}, "")

fuzz <- function(minutes, seed, most_cases = Inf) {
  until <- Sys.time() + 60 * minutes
  start <- next_case <- seed * 1e6 + 1
  outcomes <- findings <- character()
  while (Sys.time() < until && next_case - start < most_cases) {
    lines <- run_process(next_case, cases_per_process)
    outcomes <- c(outcomes, trimws(field(lines, "done", 3L)))
    new <- field(lines, "finding", 2L)
    if (length(new)) cat(paste0("finding in case ", new, "\n"), sep = "")
    findings <- c(findings, new)
    next_case <- max(as.numeric(field(lines, "start", 2L))) + 1
  }
  cat(sprintf("seed %s, cases %.0f to %.0f: %d ended well, %d findings\n", seed, start, next_case - 1, length(outcomes),
              length(findings)))
  counts <- sort(table(outcomes), decreasing = TRUE)
  cat(sprintf("%7d  %s\n", counts, names(counts)), sep = "")
  quit(save = "no", status = as.integer(length(findings) > 0L))
}

main <- function(arguments) {
  if (identical(arguments[1L], "case")) {
    lines <- run_process(as.numeric(arguments[2L]), 1L)
    cat(vapply(lines, paste, "", collapse = " "), sep = "\n")
  } else {
    do.call(fuzz, as.list(as.numeric(arguments)))
  }
}

if (sys.nframe() == 0L) main(commandArgs(trailingOnly = TRUE))
