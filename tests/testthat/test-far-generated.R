# GLMPP_FAR_CASES and GLMPP_FAR_SEED, in the environment, ask for more cases and for others.
test_that("random models on rows that are elsewhere are those of the rows in memory, or refused", {
  skip_on_cran()
  for (package in c("RSQLite", "DBI", "dbplyr", "nanoparquet")) skip_if_not_installed(package)
  cluster <- tryCatch(parallel::makeCluster(2), error = function(e) NULL)
  if (!is.null(cluster)) on.exit(parallel::stopCluster(cluster))
  homes <- if (is.null(cluster)) setdiff(far_homes, "cluster") else far_homes
  seeds <- as.integer(Sys.getenv("GLMPP_FAR_SEED", "1")) + seq_len(as.integer(Sys.getenv("GLMPP_FAR_CASES", "200"))) - 1L
  cases <- lapply(seeds, far_case, homes)
  outcomes <- suppressWarnings(vapply(cases, far_outcome, "", cluster))
  wrong <- startsWith(outcomes, "WRONG")
  expect_equal(paste(vapply(cases[wrong], case_text, ""), outcomes[wrong], sep = "\n  "), character())
  expect_gt(mean(outcomes == "same"), 0.6)
})
