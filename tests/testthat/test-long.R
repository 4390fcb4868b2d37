# How often an expression asks for the number of threads without saying what the user wanted.
count_unsaid <- function(code) {
  unsaid <- 0
  original <- getFromNamespace("thread_count", "glmpp")
  counting <- function(threads) {
    unsaid <<- unsaid + is.null(threads)
    original(threads)
  }
  with_replaced("many_rows", 10, with_replaced("thread_count", counting, force(code)))
  unsaid
}

test_that("every pass over long vectors takes the threads that the user wants", {
  rows <- transform(mtcars, gear = factor(gear), w = rep(1:2, 16))
  models <- list(quote(glmpp(am ~ wt, binomial, rows, threads = 1)), quote(glmpp(carb ~ wt, poisson, rows, weights = w, threads = 1)),
                 quote(glmpp(mpg ~ wt, gaussian, rows, offset = as.double(cyl), threads = 1)),
                 quote(glmpp(gear ~ wt, multinomial(), rows, weights = w, threads = 1)),
                 quote(glmpp(gear ~ wt, ordinal(), rows, offset = as.double(cyl), threads = 1)),
                 quote(glmpp(carb ~ wt, poisson, chunks_of(rows, 16), weights = w, threads = 1)))
  for (model in models) expect_identical(count_unsaid(eval(model)), 0)
  fit <- glmpp(carb ~ wt, poisson, rows, threads = 1)
  expect_identical(count_unsaid(predict(fit, rows)), 0)
  expect_identical(count_unsaid(vcov(fit, type = "HC0")), 0)
})

test_that("glmpp_fit() looks at its matrix by the threads of its control", {
  x <- cbind(1, mtcars$wt)
  expect_identical(count_unsaid(glmpp_fit(x, mtcars$am, family = binomial(), control = glmpp_control(threads = 1))), 0)
})
