//! Readings are written together: whoever gets the pen writes all that wait, and those that come
//! meanwhile wait for the next write. A disk that syncs two hundred times a second so keeps
//! thousands of readings, and each one is durable when its turn ends.

use crate::Services;
use domain::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};
use store::NewReading;
use tokio::sync::{Mutex as Pen, oneshot};

type Waiting = (NewReading, oneshot::Sender<Result<()>>);

/// Readings that wait to be written.
#[derive(Default)]
pub(crate) struct Recorder {
    waiting: Mutex<Vec<Waiting>>,
    pen: Arc<Pen<()>>,
}

impl Recorder {
    fn take(&self) -> Vec<Waiting> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Services {
    /// Keeps a reading; it is durable when this returns.
    pub(super) async fn keep_reading(&self, reading: NewReading) -> Result<()> {
        let (done, mut written) = oneshot::channel();
        self.metrics.recorder.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((reading, done));
        tokio::select! {
            biased;
            result = &mut written => return result.unwrap_or_else(|_| Err(Error::internal())),
            pen = self.metrics.recorder.pen.clone().lock_owned() => {
                let services = self.clone();
                // Of its own, so that nobody who is gone takes the readings of others along.
                tokio::spawn(async move {
                    services.write_waiting().await;
                    drop(pen);
                });
            }
        }
        written.await.unwrap_or_else(|_| Err(Error::internal()))
    }

    async fn write_waiting(&self) {
        let (readings, done): (Vec<NewReading>, Vec<_>) = self.metrics.recorder.take().into_iter().unzip();
        if readings.is_empty() {
            return;
        }
        if self.store.record_readings(&readings).await.is_ok() {
            done.into_iter().for_each(|done| _ = done.send(Ok(())));
            return;
        }
        // One that cannot be written must not take the others along.
        for (reading, done) in readings.iter().zip(done) {
            _ = done.send(self.store.record_readings(std::slice::from_ref(reading)).await);
        }
    }
}
