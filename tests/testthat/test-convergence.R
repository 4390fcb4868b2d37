
warnings_of <- function(expression) {
  caught <- list()
  value <- withCallingHandlers(expression, warning = function(w) {
    caught[[length(caught) + 1]] <<- w
    invokeRestart("muffleWarning")
  })
  list(value = value, warnings = caught)
}

# No lower deviance is found nearby, by optimisers that know nothing of glmpp.
expect_lowest <- function(fit, problem, label) {
  set.seed(1)
  found <- lowest_deviance(problem, unname(fit$linear.predictors))
  expect(is.finite(found) && fit$deviance <= found + 1e-7 * (abs(found) + 0.1),
         sprintf("%s: the deviance is %.10g, and %.10g was found.", label, fit$deviance, found))
}

test_that("the log-binomial model of Marschner's heart data converges without a start", {
  heart <- classic("heart")
  heart[3:6] <- lapply(heart[3:6], factor)
  formula <- cbind(Deaths, Patients - Deaths) ~ AgeGroup + Severity + Delay + Region
  expect_error(suppressWarnings(glm(formula, binomial("log"), heart)))
  fit <- expect_no_warning(glmpp(formula, binomial("log"), heart))
  expect_true(fit$converged)
  expect_false(fit$boundary)
  expect_lt(max(abs(fit$solver$score)), 1e-8)
  expect_lowest(fit, deviance_problem(formula, heart, binomial("log")), "heart")
  near <- glm(formula, binomial("log"), heart, start = coef(fit), epsilon = 1e-14)
  expect_equal(coef(fit), coef(near), tolerance = 1e-8)
})

test_that("identity-Poisson models of the crabs data and its bootstrap replicates reach the optimum", {
  crabs <- classic("crabs")
  formula <- Satellites ~ Width + Dark + GoodSpine
  samples <- list(data = crabs, Rep1 = crabs[crabs$Rep1, ], Rep2 = crabs[crabs$Rep2, ])
  for (name in names(samples)) {
    fit <- suppressWarnings(glmpp(formula, poisson("identity"), samples[[name]]))
    expect_true(fit$converged, label = name)
    expect_equal(fit$boundary, name == "data", label = name)
    if (!fit$boundary) expect_lt(max(abs(fit$solver$score)), 1e-8)
    expect_lowest(fit, deviance_problem(formula, samples[[name]], poisson("identity")), name)
  }
})

test_that("an optimum at the end of the valid region is said to be there, with its rows", {
  crabs <- classic("crabs")
  crabs$has <- as.double(crabs$Satellites > 0)
  for (link in c("log", "identity")) {
    formula <- has ~ Width + Dark + GoodSpine
    caught <- warnings_of(glmpp(formula, binomial(link), crabs))
    expect_true(caught$value$boundary)
    expect_true(caught$value$converged)
    expect_s3_class(caught$warnings[[1]], "glmpp_warning_boundary")
    expect_match(conditionMessage(caught$warnings[[1]]), "rows 115, 141", fixed = TRUE)
    expect_lowest(caught$value, deviance_problem(formula, crabs, binomial(link)), link)
  }
})

test_that("a start inside the valid region is found without an intercept and with an offset", {
  set.seed(4)
  n <- 60
  data <- data.frame(a = runif(n, 0.1, 2), b = runif(n, -1, 1), e = runif(n, -0.4, 0.6))
  data$y <- rpois(n, 1 + 3 * data$a + data$b)
  fit <- suppressWarnings(glmpp(y ~ 0 + a + b, poisson("identity"), data))
  expect_true(fit$converged)
  expect_lowest(fit, deviance_problem(y ~ 0 + a + b, data, poisson("identity")), "no intercept")
  data$s <- rpois(n, 3 + data$a + data$e)
  fit <- expect_no_warning(glmpp(s ~ a + offset(e), poisson("identity"), data))
  expect_lowest(fit, deviance_problem(s ~ a, data, poisson("identity"), offset = data$e), "offset")
})

test_that("the null deviance is NA, not an error, where only the covariates make the offset valid", {
  data <- data.frame(z = seq(-4, 4, length.out = 41))
  data$y <- rep(c(1, 3, 2), length.out = 41)
  caught <- warnings_of(glmpp(y ~ 0 + z + I(z^2) + offset(1 - 0.2 * z^2), poisson("identity"), data))
  expect_true(caught$value$converged)
  expect_false(is.nan(caught$value$null.deviance))
})

test_that("a hard fit has the same bits for any number of threads", {
  set.seed(3)
  data <- data.frame(x = runif(20000), z = runif(20000))
  data$y <- rbinom(20000, 1, pmin(exp(-2 + 1.9 * data$x + 0.3 * data$z), 1))
  fits <- lapply(c(1, 2), function(threads) suppressWarnings(glmpp(y ~ x + z, binomial("log"), data, threads = threads)))
  expect_identical(coef(fits[[1]]), coef(fits[[2]]))
  expect_identical(fits[[1]]$deviance, fits[[2]]$deviance)
  expect_true(fits[[1]]$converged)
})

test_that("few steps asked for are few steps taken", {
  fit <- suppressWarnings(glmpp(am ~ wt + hp, binomial, mtcars, maxit = 2))
  expect_false(fit$converged)
  expect_equal(fit$iter, 2L)
})

test_that("random models of real data are solved, all but one in two hundred, and all that glm() solves", {
  skip_on_cran()
  record <- convergence_record(500)
  shown <- capture.output(print(record[!record$ours, ], row.names = FALSE))
  expect(mean(record$ours) >= 0.995, paste(c("Not solved:", shown), collapse = "\n"))
  expect_true(all(record$ours | !record$glm), label = "all that glm() solves")
  if (nzchar(Sys.getenv("GLMPP_SHOW_TABLES"))) {
    cat(sprintf("\n%d calls without starts: glm() solves %d, glmpp() %d; %d optima at the boundary.\n", nrow(record),
                sum(record$glm), sum(record$ours), sum(record$boundary)))
    print(stats::aggregate(cbind(calls = 1, glmpp = ours, glm, boundary) ~ family + link, record, sum))
  }
})

test_that("a column that only vanishing weights alias is no silent change of the model", {
  left <- 0
  for (seed in 1:60) {
    set.seed(seed)
    rows <- data.frame(a = rnorm(20), b = rnorm(20), y = rnorm(20))
    fit <- suppressWarnings(glmpp(y ~ a + b - 1, gaussian("inverse"), rows))
    # The optimum lies at infinity: what is left of the weights decides the rank.
    if (anyNA(coef(fit))) left <- left + 1
    predicted <- suppressWarnings(predict(fit, rows))
    is_same <- isTRUE(all.equal(predicted, fit$linear.predictors, tolerance = 1e-6))
    expect_true(is_same || !fit$converged, label = paste("seed", seed))
  }
  expect_gt(left, 0)
})

test_that("what a start puts into aliased columns moves to the others, near and far", {
  rows <- transform(mtcars, twice = 2 * wt + 1)
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  utils::write.csv(rows, file, row.names = FALSE)
  expected <- glmpp(am ~ wt + twice, binomial, rows)
  near <- glmpp(am ~ wt + twice, binomial, rows, start = c(1, 2, 3))
  far <- glmpp(am ~ wt + twice, binomial, csv_chunks(file), start = c(1, 2, 3))
  expect_equal(coef(near), coef(expected), tolerance = 1e-10)
  expect_equal(coef(far), coef(expected), tolerance = 1e-10)
  expect_true(near$converged && far$converged)
})

test_that("the text of an aliased column is whole with one column left, and with none", {
  aliased_line <- function(formula) {
    printed <- utils::capture.output(summary(glmpp(formula, binomial, transform(mtcars, twice = 2 * wt, zero = 0))))
    grep("^Aliased", printed, value = TRUE)
  }
  expect_equal(aliased_line(am ~ wt + twice - 1), "Aliased: twice = 2 wt")
  expect_equal(aliased_line(am ~ zero - 1), "Aliased: zero = 0")
})

test_that("wherever the iterations end, standard errors are by the information of that point", {
  set.seed(2)
  x <- matrix(stats::rnorm(1000 * 350), 1000)
  d <- data.frame(y = stats::rpois(1000, exp(x[, 1] / 3)), x)
  for (most in c(1:8, 12, 25)) {
    fit <- suppressWarnings(glmpp(y ~ ., poisson, d, control = glmpp_control(maxit = most)))
    information <- crossprod(cbind(1, x) * sqrt(fitted(fit)))
    expect_equal(unname(diag(vcov(fit))), diag(solve(information)), tolerance = 1e-10)
    expect_lte(fit$iter, most)
    # Steps by one information do not use up the iterations that others would have done with.
    expect_identical(fit$converged, most >= 6, label = sprintf("converged within %d", most))
  }
})

test_that("theta of counts is found beside aliased columns as without them", {
  set.seed(11)
  x <- matrix(stats::rnorm(500 * 40), 500)
  x[, 3] <- x[, 1] + x[, 2]
  d <- data.frame(y = stats::rnbinom(500, mu = exp(x[, 1] / 2), size = 1.5), x)
  fit <- glmpp(y ~ ., negative_binomial(), d)
  without <- glmpp(y ~ . - X3, negative_binomial(), d)
  expect_equal(coef(fit)[names(coef(without))], coef(without), tolerance = 1e-10)
  expect_true(is.na(coef(fit)[["X3"]]))
  expect_equal(family(fit)$theta, family(without)$theta, tolerance = 1e-10)
  expect_lte(fit$solver$passes, without$solver$passes + 4)
})
