# Every kernel is compiled for several instruction sets; which one runs must not show.

with_instruction_set <- function(widest, expression) {
  on.exit(glmpp:::limit_instruction_set_impl(2))
  glmpp:::limit_instruction_set_impl(widest)
  expression
}

# Each size of a Gram matrix ends in other remainders of the kernels' panels.
test_that("fits of 1 to 20 columns and of odd numbers of rows agree between instruction sets", {
  set.seed(31)
  for (columns in c(1:13, 20)) {
    rows <- 150 + columns
    data <- data.frame(g = factor(sample(7, rows, TRUE)), z = rnorm(rows))
    data$x <- matrix(rnorm(rows * columns), rows)
    data$y <- rpois(rows, exp(data$z / 3))
    for (formula in c(y ~ x, y ~ x + g, y ~ g + g:z + x)) {
      fits <- lapply(0:2, function(widest) with_instruction_set(widest, glmpp(formula, poisson, data)))
      for (fit in fits[-1]) {
        expect_equal(coef(fit), coef(fits[[1]]), tolerance = 1e-10)
        expect_equal(vcov(fit), vcov(fits[[1]]), tolerance = 1e-10)
        expect_equal(fit$deviance, fits[[1]]$deviance, tolerance = 1e-13)
      }
      measures <- lapply(0:2, function(widest) {
        with_instruction_set(widest, list(predict(fits[[1]], se.fit = TRUE)$se.fit, influence(fits[[1]])))
      })
      for (measure in measures[-1]) expect_equal(measure, measures[[1]], tolerance = 1e-9)
    }
  }
})

test_that("every native model agrees between instruction sets, in the tails too", {
  models <- glmpp:::known_models_impl()
  eta <- c(seq(-30, 30, length.out = 61), 1e-10, 600, -600)
  for (variance in models$variances) for (link in models$links) {
    family <- list(is_callback = FALSE, variance = variance, link = link, theta = 2, power = 0.5)
    y <- if (variance == "mu(1-mu)") rep(0:1, length.out = length(eta)) else rep(c(1, 3), length.out = length(eta))
    values <- lapply(0:2, function(widest) {
      with_instruction_set(widest, tryCatch(glmpp:::row_model_impl(family, eta, y, rep(2, length(eta))),
                                            error = conditionMessage))
    })
    for (value in values[-1]) expect_equal(value, values[[1]], tolerance = 1e-13, info = paste(variance, link))
  }
})
