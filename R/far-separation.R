# Separation of rows that are elsewhere.

# The range of the means proves that there is an optimum, for most fits.
find_separation_afar <- function(solution, problem) {
  is_unweighted <- identical(problem$facts$mean_weight, 1)
  last <- problem$passes$last
  means_prove_optimum(solution, c(last$least_mean, last$most_mean), is_unweighted, problem$family)
  NULL
}
