# Printouts of very many coefficients: the first of each long term, and how many more there are.

most_printed <- 500
first_of_term <- 6

# NULL, or the places to print and a line for each term that is cut; `assign`: of each coefficient.
printed_places <- function(assign, labels) {
  if (length(assign) <= most_printed) return(NULL)
  rank <- stats::ave(seq_along(assign), assign, FUN = seq_along)
  size <- tabulate(assign + 1L, max(assign) + 1L)
  long <- which(size > most_printed / 10)
  kept <- !(assign + 1L) %in% long | rank <= first_of_term
  list(kept = which(kept), lines = sprintf("%s more of `%s`", format(size[long] - first_of_term, big.mark = ",", trim = TRUE),
                                           labels[long - 1L]))
}

printed_of <- function(fit) {
  hidden <- absorbed_places(fit)
  assign <- if (length(hidden)) fit$schema$assign[-hidden] else fit$schema$assign
  printed_places(assign, attr(fit$terms, "term.labels"))
}

# A fit, or a summary, as it is printed.
print_shortened <- function(fit, print_it) {
  places <- printed_of(fit)
  if (is.null(places)) return(FALSE)
  fit$coefficients <- fit$coefficients[places$kept]
  print_it(fit)
  cat(paste("... and", places$lines), "", sep = "\n")
  TRUE
}
