# glm() beside glmpp, call against call: CPU time of both in one run, turn by turn, and how far the answers are apart.

least_time <- 0.05  # seconds of CPU that one turn takes, so that the clock's tick does not show

cpu_seconds <- function() sum(proc.time()[c("user.self", "sys.self")])

# CPU seconds of one call of `ask`, by so many that they can be measured.
seconds_of_calls <- function(ask, calls) {
  start <- cpu_seconds()
  for (call in seq_len(calls)) ask()
  (cpu_seconds() - start) / calls
}

calls_for <- function(ask) {
  calls <- 1
  repeat {
    seconds <- seconds_of_calls(ask, calls)
    if (seconds * calls >= least_time || calls >= 20000) return(max(1, ceiling(least_time / max(seconds, 1e-7))))
    calls <- calls * if (seconds * calls > least_time / 10) 3 else 10
  }
}

# `theirs` and `ours`: functions without arguments. Medians of `turns` turns A B A B.
compare_calls <- function(name, theirs, ours, turns = 5) {
  quiet <- function(ask) function() suppressMessages(suppressWarnings(ask()))
  difference <- tryCatch(answer_difference(quiet(theirs)(), quiet(ours)()), error = function(e) NA_real_)
  plain <- suppressMessages(suppressWarnings(tryCatch({
    counts <- c(calls_for(theirs), calls_for(ours))
    times <- replicate(turns, c(seconds_of_calls(theirs, counts[1]), seconds_of_calls(ours, counts[2])))
    apply(times, 1, stats::median)
  }, error = function(e) c(NA_real_, NA_real_))))
  data.frame(name = name, theirs = plain[1], ours = plain[2], ratio = plain[1] / plain[2], difference = difference)
}

# The largest difference of the numbers in two answers, relative to the largest of them.
answer_difference <- function(theirs, ours) {
  a <- numbers_in(theirs)
  b <- numbers_in(ours)
  if (length(a) != length(b)) return(NA_real_)
  known <- is.finite(a) & is.finite(b)
  if (!identical(is.na(a), is.na(b))) return(NA_real_)
  if (!any(known)) return(0)
  max(abs(a[known] - b[known])) / max(abs(a[known]), 1e-300)
}

numbers_in <- function(answer) {
  if (is.list(answer)) return(unlist(lapply(unclass(answer), numbers_in), use.names = FALSE))
  if (is.numeric(answer)) as.double(answer)
}

print_comparisons <- function(title, lines) {
  cat(sprintf("\n%s\n%-24s %10s %10s %8s   %s\n", title, "", "glm", "glmpp", "ratio", "difference"))
  for (i in seq_len(nrow(lines))) {
    line <- lines[i, ]
    cat(sprintf("%-24s %10s %10s %8.2f   %.1e\n", line$name, seconds_text(line$theirs), seconds_text(line$ours), line$ratio, line$difference))
  }
  cat(sprintf("%-24s %10s %10s %8.2f   median; least %.2f (%s)\n", "", "", "", stats::median(lines$ratio, na.rm = TRUE),
              min(lines$ratio, na.rm = TRUE), lines$name[which.min(lines$ratio)]))
}
