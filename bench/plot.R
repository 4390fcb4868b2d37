plot_results <- function(results, path) invisible()
