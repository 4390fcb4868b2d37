# A cluster of this machine's processes, which R CMD check limits to two.
local_cluster <- function(nodes = 2, env = parent.frame()) {
  testthat::skip_on_cran()
  cluster <- tryCatch(parallel::makeCluster(nodes), error = function(e) testthat::skip("no cluster can be started"))
  do.call(on.exit, list(substitute(stop_living(cluster), list(cluster = cluster, stop_living = stop_living)), add = TRUE), envir = env)
  cluster
}

stop_living <- function(cluster) {
  for (k in seq_along(cluster)) try(parallel::stopCluster(cluster[k]), silent = TRUE)
}
