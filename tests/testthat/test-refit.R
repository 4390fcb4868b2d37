draws <- with_local_seed(5, list(
  rows = {
    rows <- data.frame(x = rnorm(400), f = factor(sample(letters[1:5], 400, TRUE)), w = runif(400, 0.5, 2))
    rows$y <- rbinom(400, 1, plogis(rows$x))
    rows$count <- rpois(400, exp(0.5 * rows$x))
    rows$tried <- 1 + rpois(400, 4)
    rows$done <- rbinom(400, rows$tried, plogis(rows$x))
    rows
  },
  weights = lapply(1:3, function(i) as.numeric(rmultinom(1, 400, rep(1, 400))))
))

test_that("a refit with other weights is the fit with these weights", {
  rows <- draws$rows
  for (model in list(list(y ~ x + f, binomial), list(count ~ x * f, poisson), list(cbind(done, tried - done) ~ x + f, binomial),
                     list(y ~ f, binomial), list(count ~ x, quasi("log", "mu")))) {
    fit <- glmpp(model[[1]], model[[2]], rows)
    refit <- refitter(fit)
    for (drawn in draws$weights) {
      anew <- suppressWarnings(glmpp(model[[1]], model[[2]], rows, weights = drawn))
      for (start in list(coef(fit), NULL)) {
        again <- refit(weights = drawn, start = start)
        expect_true(again$converged)
        expect_equal(again$coefficients, coef(anew), tolerance = 1e-9)
        expect_equal(again$deviance, deviance(anew), tolerance = 1e-10)
      }
    }
    # The weights of one fit are not those of the next.
    expect_equal(refit()$coefficients, coef(fit), tolerance = 1e-9)
    expect_equal(refit()$deviance, deviance(fit), tolerance = 1e-12)
  }
})

test_that("a refit reads and builds nothing", {
  fit <- glmpp(y ~ x + f, binomial, draws$rows)
  refit <- refitter(fit)
  for (name in c("design_blocks", "read_frame", "open_problem_impl")) {
    with_replaced(name, function(...) stop("not again"), {
      expect_true(refit(weights = draws$weights[[1]])$converged)
      expect_error(suppressWarnings(update(fit, weights = w)), "not again")
    })
  }
})

test_that("held coefficients stay where they are, the others are fitted", {
  fit <- glmpp(count ~ x + w + f, poisson, draws$rows)
  again <- refitter(fit)(held = c(w = 0.3, fb = 0))
  offset <- glmpp(count ~ x + factor(ifelse(f == "b", "a", as.character(f))), poisson, draws$rows, offset = 0.3 * w)
  expect_identical(again$coefficients[c("w", "fb")], c(w = 0.3, fb = 0))
  expect_equal(unname(again$coefficients[c(1, 2, 5:7)]), unname(coef(offset)), tolerance = 1e-9)
  expect_equal(again$deviance, deviance(offset), tolerance = 1e-11)
  penalised <- glmpp(count ~ x + w, poisson, draws$rows, penalty = ridge(5))
  expect_equal(refitter(penalised)()$coefficients, coef(penalised), tolerance = 1e-8)
  aliased <- glmpp(count ~ x + I(2 * x), poisson, draws$rows)
  expect_equal(refitter(aliased)()$coefficients, coef(aliased), tolerance = 1e-9)
})

test_that("what does not fit the model is refused", {
  fit <- glmpp(y ~ x + f, binomial, draws$rows)
  refit <- refitter(fit)
  expect_error(refit(weights = -draws$weights[[1]]), class = "glmpp_error_weights")
  expect_error(refit(weights = 1:3), class = "glmpp_error")
  expect_error(refit(start = 1), class = "glmpp_error_start")
  expect_error(refit(held = c(z = 1)), "They are", class = "glmpp_error_argument")
  expect_error(refit(held = 1), "named", class = "glmpp_error_argument")
  expect_error(refitter(chunks_of(draws$rows, 100)), class = "glmpp_error_argument")
  expect_error(refitter(glmpp(y ~ x, binomial, chunks_of(draws$rows, 100))), class = "glmpp_error_rows")
})

test_that("a new response gives the fit to it", {
  rows <- draws$rows
  for (model in list(list(y ~ x + f, binomial()), list(count ~ x + f, poisson()), list(x ~ f, gaussian()),
                     list(cbind(done, tried - done) ~ x, binomial()))) {
    fit <- glmpp(model[[1]], model[[2]], rows)
    new <- simulate(fit, seed = 1)
    whole <- refit(fit, y = new)
    anew <- glmpp(update(model[[1]], new[[1]] ~ .), model[[2]], rows)
    expect_equal(coef(whole), coef(anew), tolerance = 1e-10)
    expect_equal(deviance(whole), deviance(anew), tolerance = 1e-10)
    expect_equal(vcov(whole), vcov(anew), tolerance = 1e-8)
    expect_equal(AIC(whole), AIC(anew), tolerance = 1e-10)
    expect_equal(refitter(fit)(y = new[[1]])$coefficients, coef(anew), tolerance = 1e-9)
    expect_equal(predict(whole, rows[1:3, ]), predict(anew, rows[1:3, ]), tolerance = 1e-9)
    expect_s3_class(whole, class(fit)[1])
  }
  weighted <- refit(glmpp(count ~ x, poisson, rows), weights = rows$w)
  expect_equal(coef(weighted), coef(glmpp(count ~ x, poisson, rows, weights = w)), tolerance = 1e-10)
  expect_equal(confint(weighted), confint(glmpp(count ~ x, poisson, rows, weights = w)), tolerance = 1e-8)
})

test_that("a parameter of the family's own is estimated again", {
  fit <- glmpp(Days ~ Sex + Age, negative_binomial(), MASS::quine)
  anew <- glmpp(I(Days + 1) ~ Sex + Age, negative_binomial(), MASS::quine)
  once <- refit(fit, y = MASS::quine$Days + 1)
  expect_equal(once$theta, anew$theta, tolerance = 1e-6)
  expect_equal(refit(once, y = MASS::quine$Days)$theta, fit$theta, tolerance = 1e-6)
})

test_that("a response that does not fit is refused", {
  fit <- glmpp(count ~ x, poisson, draws$rows)
  expect_error(refit(fit), class = "glmpp_error_argument")
  expect_error(refit(fit, y = 1:3), class = "glmpp_error_response")
  expect_error(refit(fit, y = replace(draws$rows$count, 4, NA)), class = "glmpp_error_response")
  expect_error(refit(fit, y = -draws$rows$count - 1), class = "glmpp_error_response")
  expect_error(refit(fit, z = 1), class = "glmpp_error_argument")
})
